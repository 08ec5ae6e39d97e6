import { expect, it } from 'vitest';
import type { OpcUaNode } from '../hooks/useBrowse';
import { emptyDraft } from './draft';
import { foundNodes, freeMetricName, type Level, numberOf, withoutTags, withTags } from './nodes';

function node(name: string, nodeClass = 'Variable'): OpcUaNode {
  return {
    nodeId: `ns=2;s=${name}`,
    stableNodeId: `nsu=urn:plant;s=${name}`,
    path: `Objects/2:Press/2:${name}`,
    name,
    nodeClass,
    dataType: 'Double',
    value: '1.5',
    unit: 'bar',
    isReadable: true,
    whyNot: null,
  };
}

it('finds values among the nodes that are loaded', () => {
  const levels = new Map<string, Level>([
    ['', { state: 'loaded', nodes: [node('Press', 'Object'), node('Pressure')] }],
    ['ns=2;s=Press', { state: 'loaded', nodes: [node('Oil pressure'), node('Flow')] }],
    ['ns=2;s=Dead', { state: 'failed', message: 'no' }],
  ]);
  expect(foundNodes(levels, 'press').map(({ name }) => name)).toEqual(['Pressure', 'Oil pressure', 'Flow']);
  expect(foundNodes(levels, 'oil press').map(({ name }) => name)).toEqual(['Oil pressure']);
});

it.each([
  ['True', 1],
  ['12.5', 12.5],
  ['abc', null],
  ['', null],
  [null, null],
])('takes %s for %s', (text, number) => {
  expect(numberOf(text)).toBe(number);
});

it('adds picked values with free names, keeps what was mapped, and takes them away again', () => {
  const first = {
    ...emptyDraft,
    ...withTags(emptyDraft, [{ tag: 'a', name: 'Flow', unit: 'l/min', raw: 3 }]),
  };
  const mapped = { ...first, tags: first.tags.map((tag) => ({ ...tag, metricName: 'my_flow' })) };
  const second = withTags(mapped, [
    { tag: 'a', name: 'Flow', raw: 4 },
    { tag: 'b', name: 'Flow', raw: null },
    { tag: 'c', name: 'Flow', raw: null },
  ]);
  expect(second.tags?.map(({ metricName }) => metricName)).toEqual(['my_flow', 'flow', 'flow_2']);
  expect(second.rawValues).toEqual({ a: 4 });
  expect(withoutTags({ ...mapped, ...second }, ['b']).tags).toHaveLength(2);
  expect(freeMetricName('My Flow', mapped.tags)).toBe('my_flow_2');
});
