interface Grouped {
  id: string;
  groupId: string;
}

/** Alerts with the members of a group next to each other, where the first of them stands in the list. */
export function inGroups<Item>(items: readonly Item[], read: (item: Item) => Grouped): Item[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const { groupId } = read(item);
    const members = groups.get(groupId);
    if (members) {
      members.push(item);
    } else {
      groups.set(groupId, [item]);
    }
  }
  return [...groups.values()].flatMap((members) => [
    ...members.filter((item) => read(item).id === read(item).groupId),
    ...members.filter((item) => read(item).id !== read(item).groupId),
  ]);
}
