"""Administration: members, regions, roles, connections, jobs, audit."""
