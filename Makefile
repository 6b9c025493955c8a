# Every target first installs what this machine lacks (scripts/bootstrap), which takes no time when nothing is missing.
#
#   make run       build Balado and start a demonstration school
#   make test      every test, on SQLite and PostgreSQL, on disk and S3, and in a browser
#   make check     format, lints, licences, types
#   make e2e       only the tests that come from outside: a browser, and upload clients
#   make bench     the measurements, against other programs where there are any (hours; see below)
#   make formats   one file of every format Balado takes, through the transcoder, as a table
#   make hostile   every file that is meant to harm, through the transcoder and the service, as a table
#   make fuzz      throws bytes at every parser of outside bytes, FUZZ_SECONDS (600) each; not part of make test
#   make corpus DIR=folder    put every file of a folder through the transcoder and print what came out

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.PHONY: run test check e2e bench formats hostile fuzz corpus need-run need-test

# The same two folders as in scripts/env.
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/node/node_modules/.bin:$(PATH)

# The npm packages that the browser side and its tests are made with: one stamp per lock file.
npm_locks := $(wildcard web/ui/package-lock.json web/e2e/package-lock.json web/e2e/tus/package-lock.json)
npm_stamps := $(npm_locks:package-lock.json=node_modules/.package-lock.json)

run: need-run
	cargo build --release --locked -p balado -p balado-transcoder
	"$${CARGO_TARGET_DIR:-target}/release/balado" serve --demo fixtures

# The programs are built first: tests of several packages start them.
test: need-test $(npm_stamps)
	cargo build --workspace --bins --locked
	scripts/with-test-servers cargo nextest run --workspace --locked

check: need-test $(npm_stamps)
	cargo fmt --all --check
	cargo deny --locked check --hide-inclusion-graph bans licenses sources
	$(if $(wildcard web/ui/tsconfig.json),web/ui/node_modules/.bin/tsc --noEmit -p web/ui,)
	cargo clippy --workspace --all-targets --locked -- -D warnings

e2e: need-test $(npm_stamps)
	cargo build --workspace --bins --locked
	scripts/with-test-servers cargo nextest run --locked -p balado -E 'test(browser) | test(tus)'

# BENCH_PAIRS, BENCH_RIVAL_PAIRS and BENCH_RIVAL (a part of one rival's name) shorten it; `make bench CASES="memo clip"` runs some of the transcoder's and lesson's.
bench: need-test
	cargo build --release --locked -p balado -p balado-transcoder
	$(if $(CASES),,cargo bench --locked -p balado-benches --bench feeds)
	cargo bench --locked -p balado-benches --bench transcoder --bench recording --bench lesson -- $(CASES)

# The test writes its tables whether it passes or not.
formats: need-test
	@status=0; cargo nextest run --locked -p balado-transcoder -E 'test(formats::)' >&2 || status=$$?; \
	for family in sound film still document; do \
	    printf '\n### %s\n\n| format | what comes out |\n|---|---|\n' "$$family"; \
	    cat "$${CARGO_TARGET_DIR:-target}/tmp/formats-$$family.md"; \
	done; exit $$status

# The test writes its table whether it passes or not.
hostile: need-test
	cargo build --locked -p balado -p balado-transcoder
	@status=0; cargo nextest run --locked -p balado -E 'test(hostile::)' >&2 || status=$$?; \
	cat "$${CARGO_TARGET_DIR:-target}/tmp/hostile.md"; exit $$status

fuzz: need-test
	command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked --root .tools
	scripts/fuzz "$(or $(FUZZ_SECONDS),600)"

corpus: need-test
	cargo build --release --locked -p balado -p balado-transcoder
	scripts/corpus "$(DIR)"

need-run:
	@scripts/bootstrap run

need-test:
	@scripts/bootstrap test

%/node_modules/.package-lock.json: %/package-lock.json | need-run
	cd $* && npm ci --no-audit --no-fund --loglevel=error
