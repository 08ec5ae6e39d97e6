"""Who may do what with work orders: everyone reads them, these roles make and change them."""

from plantwright.identity.models import Role

MAY_WRITE = (Role.ADMIN, Role.OPERATOR)
