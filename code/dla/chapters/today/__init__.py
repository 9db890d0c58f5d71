"""Systems of the present literature, as a table, for the two pages on the field today."""
