"""What benchmarks.validate runs, each in a process of its own."""
