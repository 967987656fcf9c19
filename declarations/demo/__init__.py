"""Invented goods, enterprises and faults for the demo and for load tests.

Everything here is of our own writing; codes and element names are the catalogue's. The goods obey
the shipped catalogue edition, so that the demo shows real readings.
"""
