"""Orders from outside: reading files, rules of attribution, pools."""
