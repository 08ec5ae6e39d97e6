"""Who may do what with alerts: reading and acknowledging is open to every role."""

from plantwright.identity.models import Role

MAY_ACKNOWLEDGE = tuple(Role)
