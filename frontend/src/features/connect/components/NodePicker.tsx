import { useEffect, useState } from 'react';
import { formatCount } from '~/lib/format';
import { SearchField } from '~/ui/SearchField';
import { type OpcUaNode, useBrowse } from '../hooks/useBrowse';
import type { ConnectDraft } from '../model/draft';
import { foundNodes, numberOf, rootKey, withoutTags, withTags } from '../model/nodes';
import classes from './Connect.module.css';
import { lookInput } from './ConnectionStep';
import { NodeLevel, type TreeProps, ValueNode } from './NodeTree';
import type { StepProps } from './step';

/** The tag that is there for the node; it may be known by its changing or by its lasting id. */
function tagOf(draft: ConnectDraft, { stableNodeId, nodeId }: OpcUaNode): string | undefined {
  return draft.tags.find(({ tag }) => tag === stableNodeId || tag === nodeId)?.tag;
}

/** The values of an OPC UA server to pick from, folder by folder. */
export function NodePicker({ draft, change }: Pick<StepProps, 'draft' | 'change'>) {
  const { id, opcUa } = lookInput(draft);
  const { levels, load } = useBrowse({ id, opcUa });
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [search, setSearch] = useState('');
  useEffect(() => void load(), [load]);
  const tree: TreeProps = {
    levels,
    opened,
    isPicked: (node) => tagOf(draft, node) !== undefined,
    onToggle: (nodeId) => {
      const isOpen = opened.has(nodeId);
      setOpened(new Set(isOpen ? [...opened].filter((one) => one !== nodeId) : [...opened, nodeId]));
      if (!isOpen && levels.get(nodeId)?.state !== 'loaded') {
        void load(nodeId);
      }
    },
    onRetry: (nodeId) => void load(nodeId),
    onPick: (nodes, isPicked) =>
      change((old) => {
        const known = nodes.flatMap((node) => tagOf(old, node) ?? []);
        const picks = nodes.map((node) => ({
          tag: tagOf(old, node) ?? node.stableNodeId,
          name: node.name,
          unit: node.unit ?? '',
          raw: numberOf(node.value),
        }));
        return { ...old, ...(isPicked ? withTags(old, picks) : withoutTags(old, known)) };
      }),
  };
  const found = search ? foundNodes(levels, search) : [];
  return (
    <>
      <SearchField
        label="Search in the opened folders"
        placeholder="Name or path"
        value={search}
        onChange={setSearch}
      />
      <div className={classes.frame}>
        {search ? (
          <>
            <p className="pw-dim" role="status">
              {formatCount(found.length)} values match. Folders that were not opened are not searched.
            </p>
            {found.map((node) => (
              <ValueNode key={node.stableNodeId} node={node} isPicked={tree.isPicked} onPick={tree.onPick} />
            ))}
          </>
        ) : (
          <NodeLevel nodeId={rootKey} {...tree} />
        )}
      </div>
    </>
  );
}
