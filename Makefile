# What a newcomer needs: test and bench.
SHELL := /bin/bash

.PHONY: test bench setup lint generate

test: setup lint  ## everything CI does
	swift build --build-tests
	swift test --skip-build

bench:  ## one line a figure; ONLY=name for one
	.ci/setup bench
	Tests/Benchmarks/run $(ONLY)

setup:
	.ci/setup

lint: setup
	.ci/lint-protos
	.ci/generate --check
	git ls-files '*.swift' | grep -v /Generated/ | xargs swift format lint --strict

generate: setup
	.ci/generate
