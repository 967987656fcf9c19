"""What benchmarks.incremental is made of: an audited file, releasing it, watching the marks."""
