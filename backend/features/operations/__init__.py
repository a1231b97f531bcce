"""Jobs and their limits, incidents, and acts upon many of them: what operators watch and mend."""
