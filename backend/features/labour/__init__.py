"""Labour cost: projects, rates, timesheets, and hours gathered from tickets."""
