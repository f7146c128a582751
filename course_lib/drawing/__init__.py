"""How a picture is made: where everything goes, how it is painted, and the same in words."""
