# The tasks of the orchestra. `./just` runs these recipes too, on a machine that has no `just`.

set shell := ["sh", "-eu", "-c"]

# What .config/tool fetched comes first: it is there only where the machine's own would not do.
export PATH := justfile_directory() / ".tools/bin" + ":" + env("PATH")

# Never `-p`: with the features of the whole workspace no recipe rebuilds what another has built.
stage := "cargo run --quiet --locked --release --bin stage --"

# How often the tests that kill things do so: few in `just test`, all in `just soak`.
cycles := env("ORCHESTRA_CYCLES", "3")
soak_cycles := env("ORCHESTRA_CYCLES", "200")

[private]
default:
    @just --list --unsorted

# Build and start the orchestra; Ctrl-C stops all of it (`just up --help`)
[positional-arguments]
up *ARGS: build
    @exec {{ stage }} up "$@"

# Stop the running orchestra
down:
    @{{ stage }} down

# Show what runs, where it listens and since when
[positional-arguments]
status *ARGS:
    @{{ stage }} status "$@"

# Show the end of the logs (`just logs conductor -f` follows one)
[positional-arguments]
logs *ARGS:
    @exec {{ stage }} logs "$@"

# Start a service of the running orchestra that has died
start NAME:
    @{{ stage }} start {{ quote(NAME) }}

# Forget all data of the orchestra: products, ledger, messages, logs
clean:
    @{{ stage }} clean

# Replay 50 real bursts through an orchestra of its own and show what came of each
[positional-arguments]
demo *ARGS: build
    @exec {{ stage }} demo "$@"

# All tests (arguments go to nextest: `just test -p sdb`)
[positional-arguments]
test *ARGS: set-up
    @cargo build --locked --workspace --bins
    @ORCHESTRA_CYCLES={{ cycles }} cargo nextest run --locked --workspace --no-tests=warn "$@"
    @cargo test --locked --workspace --doc --quiet

# Everything that reads the code without running it; never writes
lint: set-up
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    cargo deny --locked --workspace --log-level warn check bans licenses sources
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items --quiet

# What `just lint` would complain about and a program can mend
fix:
    cargo fmt --all
    cargo clippy --workspace --all-targets --fix --allow-dirty --allow-staged

# The tests with all their kills and large ledgers
soak: set-up
    cargo build --locked --workspace --bins
    ORCHESTRA_CYCLES={{ soak_cycles }} cargo nextest run --locked --workspace --profile soak --run-ignored all

# Measure the budgets over real processes (profile dist)
[positional-arguments]
bench *ARGS: set-up
    @cargo build --locked --profile dist --workspace --bins
    @exec cargo run --quiet --locked --profile dist --bin orchestra-bench -- "$@"

# Measure the goals of the console: the real screen in a terminal of its own (profile dist)
[positional-arguments]
bench-console *ARGS: set-up
    @cargo build --locked --profile dist --workspace --bins
    @exec cargo bench --quiet --locked --profile dist --workspace --bench goals -- "$@"

# Take the screens of docs/console.md anew, from the tests that drive the console by hand
captures: set-up
    cargo build --locked --workspace --bins
    ORCHESTRA_CAPTURES={{ justfile_directory() }}/docs/console cargo nextest run --locked --workspace -E 'binary(orchestra_journeys)'

# What the CI runs
ci: lint test

# The documentation of the crates
doc:
    cargo doc --locked --workspace --no-deps --document-private-items

# The tools of the tests and the server
[private]
set-up:
    @for tool in nats-server cargo-nextest cargo-deny; do .config/tool $tool >/dev/null; done

# What `just up` and `just demo` run
[private]
build:
    @.config/tool nats-server >/dev/null
    @cargo build --locked --release --workspace --bins
