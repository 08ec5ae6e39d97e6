import { Button } from '@mantine/core';
import { useId } from 'react';
import { formatUnit } from '~/lib/format';
import type { OpcUaNode } from '../hooks/useBrowse';
import { isFolder, type Level } from '../model/nodes';
import classes from './Connect.module.css';

export interface TreeProps {
  levels: ReadonlyMap<string, Level>;
  opened: ReadonlySet<string>;
  isPicked: (node: OpcUaNode) => boolean;
  onToggle: (nodeId: string) => void;
  onRetry: (nodeId: string) => void;
  onPick: (nodes: readonly OpcUaNode[], isPicked: boolean) => void;
}

/** A value of the server: picked with a tick, or grey with the reason why it cannot be. */
export function ValueNode({
  node,
  isPicked,
  onPick,
}: { node: OpcUaNode } & Pick<TreeProps, 'isPicked' | 'onPick'>) {
  const id = useId();
  const value = [node.value, node.unit && formatUnit(node.unit)].filter(Boolean).join(' ');
  return (
    <div className={classes.node} data-refused={!node.isReadable || undefined}>
      <input
        id={id}
        type="checkbox"
        disabled={!node.isReadable}
        checked={isPicked(node)}
        onChange={(event) => onPick([node], event.currentTarget.checked)}
      />
      <label htmlFor={id}>
        {node.name}
        <span className={classes.small}>{node.whyNot ?? node.nodeId}</span>
      </label>
      <span className="pw-number">
        {value}
        <span className={classes.small}>{node.dataType}</span>
      </span>
    </div>
  );
}

function FolderNode({ node, ...tree }: { node: OpcUaNode } & TreeProps) {
  const isOpen = tree.opened.has(node.nodeId);
  const level = tree.levels.get(node.nodeId);
  const readable = level?.state === 'loaded' ? level.nodes.filter(({ isReadable }) => isReadable) : [];
  const isWhole = readable.length > 0 && readable.every(tree.isPicked);
  return (
    <>
      <div className={classes.node}>
        <button
          type="button"
          className={classes.open}
          aria-expanded={isOpen}
          aria-label={`${isOpen ? 'Close' : 'Open'} ${node.name}`}
          onClick={() => tree.onToggle(node.nodeId)}
        >
          <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>
        </button>
        <span className={classes.folder}>{node.name}</span>
        {isOpen && readable.length > 1 && (
          <Button variant="default" className="pw-target" onClick={() => tree.onPick(readable, !isWhole)}>
            {isWhole ? 'Pick none' : `Pick all ${readable.length}`}{' '}
            <span className="pw-hidden">of {node.name}</span>
          </Button>
        )}
      </div>
      {isOpen && <NodeLevel nodeId={node.nodeId} {...tree} />}
    </>
  );
}

/** The nodes below one node, as far as they are loaded. */
export function NodeLevel({ nodeId, ...tree }: { nodeId: string } & TreeProps) {
  const level = tree.levels.get(nodeId);
  if (!level || level.state === 'loading') {
    return (
      <p className="pw-dim" role="status">
        Reading the nodes…
      </p>
    );
  }
  if (level.state === 'failed') {
    return (
      <div className="pw-row" role="alert">
        <span>{level.message}</span>
        <Button variant="default" className="pw-target" onClick={() => tree.onRetry(nodeId)}>
          Try again
        </Button>
      </div>
    );
  }
  if (level.nodes.length === 0) {
    return <p className="pw-dim">There is nothing below.</p>;
  }
  return (
    <ul className={nodeId ? undefined : classes.tree}>
      {level.nodes
        .filter((node) => isFolder(node) || node.nodeClass === 'Variable')
        .map((node) => (
          <li key={node.nodeId}>
            {isFolder(node) ? <FolderNode node={node} {...tree} /> : <ValueNode node={node} {...tree} />}
          </li>
        ))}
    </ul>
  );
}
