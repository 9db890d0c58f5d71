"""Published systems with their published weights, called like our own.

One module a system. None of their packages is needed by the book: what
they gave is kept with its date (`dla.protocol.comparison`), and where a
package is missing, a call says which, and how to install it.
"""
