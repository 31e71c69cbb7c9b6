# The project's commands. `make` alone lists them.
# What is installed on the machine stands in dev/packages, how in dev/need.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
PREFIX ?= /usr/local
DESTDIR ?=
BINDIR = $(DESTDIR)$(PREFIX)/bin
MANDIR = $(DESTDIR)$(PREFIX)/share/man/man1
# Arguments for the test programs: make test TESTS='--test lab hung'
TESTS ?=
# What to measure, all by default: make bench BENCH='keys events'
BENCH ?=
SCRIPTS = .ci/run dev/deny dev/need dev/rust dev/screenshots dev/test \
	tests/lab/lab tests/lab/host-init tests/lab/selftest tests/lab/ssh-get tests/lab/ssh-start \
	tests/lab/guest/build tests/lab/guest/init tests/lab/guest/lease tests/lab/guest/pwrf

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build-tools ## install what is missing, build, open virtty on its demo host
	$(CARGO) run --release --locked -- --demo

.PHONY: build
build: build-tools ## build target/release/virtty
	$(CARGO) build --release --locked

.PHONY: test
test: test-tools ## install what is missing, start a lab of its own, run all tests, stop the lab
	$(CARGO) test --locked --no-run
	tests/lab/lab run dev/test $(TESTS)

.PHONY: lab
lab: lab-tools ## start the lab: real libvirt hosts and guests (tests/lab/README.md)
	tests/lab/lab up

.PHONY: lab-down
lab-down: ## stop the lab
	tests/lab/lab down

.PHONY: lab-test
lab-test: lab-tools ## test the lab itself: everything works and nothing stays behind
	tests/lab/selftest

.PHONY: soak
soak: test-tools ## the long form of the tests: hundreds of kills, hours of silence
	$(CARGO) test --locked --no-run
	VIRTTY_SOAK=1 tests/lab/lab run dev/test $(TESTS)

.PHONY: bench
bench: bench-tools ## measure what README's table of figures holds, on a lab of its own
	$(CARGO) bench --locked --bench budgets --no-run
	tests/lab/lab run $(CARGO) bench --locked --bench budgets -- $(BENCH)

.PHONY: screenshots
screenshots: test-tools ## make screenshots/ anew from the running program on a lab
	$(CARGO) build --release --locked
	tests/lab/lab run dev/screenshots

.PHONY: docs
docs: build-tools ## make docs/keys.md anew from the table of keys
	$(CARGO) run --locked -q -- keys --format markdown > docs/keys.md.new
	mv docs/keys.md.new docs/keys.md

.PHONY: check
check: fmt-check lint doc deny ## everything but the tests

.PHONY: fmt
fmt: ## format the source
	$(CARGO) fmt

.PHONY: fmt-check
fmt-check:
	$(CARGO) fmt --check

.PHONY: lint
lint: clippy lint-scripts ## clippy and shellcheck, warnings are errors

.PHONY: clippy
clippy: build-tools
	$(CARGO) clippy --locked --all-targets -- -D warnings

.PHONY: lint-scripts
lint-scripts:
	@dev/need lint
	shellcheck $(SCRIPTS)

.PHONY: doc
doc: build-tools ## the documentation of the code, warnings are errors
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --document-private-items

.PHONY: deny
deny: build-tools ## licences and sources of all dependencies (deny.toml)
	dev/deny

.PHONY: install
install: build ## install below PREFIX (/usr/local), within DESTDIR
	install -D -m 0755 target/release/virtty $(BINDIR)/virtty
	install -d $(MANDIR)
	target/release/virtty man > $(MANDIR)/virtty.1

.PHONY: clean
clean: ## remove what was built
	$(CARGO) clean

.PHONY: tools
tools: ## install what building, testing and checking need
	@dev/need build lab test lint
	@dev/rust

.PHONY: bench-tools
bench-tools: test-tools
	@dev/need bench

.PHONY: build-tools
build-tools:
	@dev/need build
	@dev/rust

.PHONY: lab-tools
lab-tools:
	@dev/need lab

.PHONY: test-tools
test-tools: build-tools
	@dev/need lab test
