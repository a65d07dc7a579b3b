"""The role table: who may do what. Asked by `user.has_perm(perm, obj)`."""


class RoleBackend:
    """Authorisation only; signs nobody in."""

    def authenticate(self, request, **credentials):
        return None

    def has_perm(self, user, perm, obj=None):
        return False
