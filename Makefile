# What a newcomer needs: journey, test, serve, bench.
SHELL := /bin/bash

.PHONY: journey test serve bench fuzz sanitize soak setup lint generate

journey:  ## from a name to a verified, archived licence; SCENARIOS="FILE …" for some
	.ci/setup journey
	.ci/journey "$$(.ci/build-programs)" $(SCENARIOS)

serve:  ## keeps a registry running to play with, its data kept between starts
	.ci/setup journey
	.ci/serve "$$(.ci/build-programs)"

test: setup lint  ## everything CI does
	swift build --build-tests
	.ci/test
	Tests/Interop/run
	Tests/Interop/reference
	Tests/Soak/run 0.4 "$$(swift build --show-bin-path)"

bench:  ## one line a figure; ONLY=name for one
	.ci/setup bench
	Tests/Benchmarks/run $(ONLY)

fuzz:  ## readers of strangers' bytes, each for a minute; SECONDS=600 ONLY=name
	.ci/setup
	FUZZ_SECONDS=$(SECONDS) ONLY=$(ONLY) KEEP=$(KEEP) Tests/FuzzTests/fuzz

sanitize:  ## loops, transport and pool under the thread, then the address sanitizer
	.ci/setup
	.ci/sanitize thread
	.ci/sanitize address

soak:  ## mixed load, then what is left of it; MINUTES=60
	.ci/setup
	Tests/Soak/run $(or $(MINUTES),60)

setup:
	.ci/setup

lint: setup
	.ci/lint-protos
	.ci/generate --check
	.ci/generate-han --check
	git ls-files '*.swift' | grep -v /Generated/ | xargs swift format lint --strict

generate: setup
	.ci/generate
