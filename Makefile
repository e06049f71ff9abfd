# The commands of this project; what they do stands in crates/xtask.
.PHONY: run test test-long bench check site fmt

run: ## Build, start everything, print where the console is
	@./crates/xtask/x run -- $(ARGS)

test: ## Everything that CI runs
	@./crates/xtask/x test

test-long: ## What takes too long for every change
	@./crates/xtask/x test-long

bench: ## The engine beside nginx, HAProxy and Envoy, same policies
	@./crates/xtask/x bench -- $(ARGS)

check: ## Formatting, lints, layers, file sizes
	@./crates/xtask/x check

site: ## The browser's part, into target/site
	@./crates/xtask/x site

fmt:
	@cargo fmt --all
