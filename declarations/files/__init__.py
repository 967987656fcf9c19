"""Reading files that somebody sent: looked at first, then read in a child process that may do little.

`declarations.files.reading.read_upload` is what others call. Whatever runs in the child needs no
Django: every module here but `reading` imports the standard library and its neighbours alone.
"""
