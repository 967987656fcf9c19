"""The legal-person card: certificates, signatures, chains and revocation, verified on the server.

Everything in certificates, signatures, chain and revocation is a pure function of bytes, times and
settings that are handed in, so that a stored authorization can be proved again years later,
offline, by the very code that accepted it.
"""
