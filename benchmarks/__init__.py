"""The benchmarks: how fast this project is on the machine at hand, and what it is compared with."""
