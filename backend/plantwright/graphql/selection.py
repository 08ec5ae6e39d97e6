"""What a caller asked for, so that costly fields are computed on demand."""

from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from plantwright.graphql.context import Info


def selects(info: Info, field: str) -> bool:
    """Whether the field stands directly below the one being resolved, through fragments too."""
    return any(_contains(selected.selections, field) for selected in info.selected_fields)


def _contains(selections: list[Selection], field: str) -> bool:
    for selection in selections:
        if isinstance(selection, SelectedField):
            if selection.name == field:
                return True
        elif isinstance(selection, InlineFragment | FragmentSpread) and _contains(selection.selections, field):
            return True
    return False
