"""What benchmarks.compare is made of: our run, DuckDB's, an ORM loop, and whether all agree."""
