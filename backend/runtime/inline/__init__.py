"""Jobs that are answered inside the transaction that asks for them; `table.py` names them all."""
