# What a newcomer needs: journey, test, serve, bench.
SHELL := /bin/bash

.PHONY: journey test serve bench setup lint generate

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

bench:  ## one line a figure; ONLY=name for one
	.ci/setup bench
	Tests/Benchmarks/run $(ONLY)

setup:
	.ci/setup

lint: setup
	.ci/lint-protos
	.ci/generate --check
	.ci/generate-han --check
	git ls-files '*.swift' | grep -v /Generated/ | xargs swift format lint --strict

generate: setup
	.ci/generate
