# Every task a person runs. Start with `./justw`, which brings this file's only needs: just and uv.

set positional-arguments
set shell := ["sh", "-eu", "-c"]

python := env("PLANTWRIGHT_PYTHON", "python3")
# A step that has succeeded with the same inputs is not done again.
once := quote(python) + " -I backend/plantwright/embedded/unless_done.py"
bin := ".venv/bin"

# List the tasks
[private]
default:
    @just --list --unsorted

# Start everything on this machine (--port 8000) and print the address; Ctrl-C stops it
[no-exit-message]
up *ARGS: _python _web
    @exec {{ bin }}/python -m plantwright.embedded.cli up --with-parent "$@"

# Drop all local data (--yes: do not ask)
[no-exit-message]
reset *ARGS: _python
    @exec {{ bin }}/python -m plantwright.embedded.cli reset "$@"

# Run the `plantwright` command line, inside the running installation when there is one
[no-exit-message]
run *ARGS: _python
    @exec {{ bin }}/python -m plantwright.embedded.local "$@"

# Run `plantwright demo …`, such as `fault PUMP-101 bearing_wear`
[no-exit-message]
demo *ARGS: _python
    @exec {{ bin }}/python -m plantwright.embedded.local demo "$@"

# Run every check and every test; all stages run, and any failure fails the whole
[no-exit-message]
test: _python _web _browser-tests
    @exec {{ quote(python) }} -I .ci/stages.py all

# The quick half of `test`: style, types, schema
[no-exit-message]
check: _python _web
    @exec {{ quote(python) }} -I .ci/stages.py quick

# Put Python and TypeScript into the house format
fmt: _python _web
    {{ bin }}/ruff check --fix .
    {{ bin }}/ruff format .
    npm --prefix frontend run format

# Print the GraphQL schema from the code into schema.graphql
schema: _python
    {{ bin }}/plantwright schema > schema.graphql.new
    mv schema.graphql.new schema.graphql

# Browser tests against a complete throw-away installation
[no-exit-message]
e2e *ARGS: _python _web _browser-tests
    @exec {{ bin }}/python -m plantwright.embedded.cli with-stack --with-parent -- npm --prefix e2e test -- "$@"

# Run bench/NAME.py; its last line is one JSON object
[no-exit-message]
bench NAME *ARGS: _python
    @shift; exec {{ bin }}/python bench/{{ quote(NAME) }}.py "$@"

_python:
    @{{ once }} ".tools/stamps/python packages" uv.lock pyproject.toml backend/pyproject.toml agent/pyproject.toml output:.venv/bin/plantwright -- uv sync --frozen --quiet --python {{ quote(python) }}

_node:
    @node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null || { echo "Plantwright needs Node 20.19 or newer with npm for its web pages; found: $(node --version 2>/dev/null || echo none). Install it from nodejs.org or your system's packages." >&2; exit 1; }

_web: _node
    @{{ once }} ".tools/stamps/web packages" frontend/package.json frontend/package-lock.json output:frontend/node_modules -- npm --prefix frontend ci --no-audit --no-fund --loglevel=error
    @{{ once }} ".tools/stamps/web pages" frontend except:frontend/src/gql/graphql-env.d.ts schema.graphql output:frontend/dist/index.html -- npm --prefix frontend run --silent build

_browser-tests: _node
    @{{ once }} ".tools/stamps/browser packages" e2e/package.json e2e/package-lock.json output:e2e/node_modules -- npm --prefix e2e ci --no-audit --no-fund --loglevel=error
