import { describe, expect, it } from 'vitest';
import { channelNode, mqttType, webhookType } from '../testing/channel';
import { draftOf, draftProblems, fieldOf, newDraft, toConfig } from './channelDraft';
import type { Channel, ChannelType } from './channelFragment';

const mqtt = mqttType as unknown as ChannelType;
const webhook = webhookType as unknown as ChannelType;
const stored = (part: Record<string, unknown>) => channelNode(part) as unknown as Channel;

describe('the form of a channel', () => {
  it('begins with the defaults of its type', () => {
    expect(newDraft(mqtt).values).toEqual({ host: '', port: '', is_tls: true, password: '' });
  });

  it('gives the config back that it was made from, without what is secret', () => {
    const config = { host: 'broker.example', port: 8883, is_tls: false };
    const draft = draftOf(stored({ type: 'mqtt', config }), mqtt);
    expect(draft.values).toMatchObject({ password: '' });
    expect(toConfig(draft.values, mqtt)).toEqual(config);
  });

  it('reads headers line by line, with colons in their values', () => {
    const values = { url: ' https://a.example ', headers: 'X-Key: a:b\n\nAuthorization: Bearer x\nodd' };
    expect(toConfig(values, webhook)).toEqual({
      url: 'https://a.example',
      headers: { 'X-Key': 'a:b', Authorization: 'Bearer x', odd: '' },
    });
  });

  it('says what is missing or no number before the server is asked', () => {
    const draft = { ...newDraft(mqtt), ratePerMinute: '0' };
    draft.values = { ...draft.values, port: '18,5' };
    expect(Object.keys(draftProblems(draft, mqtt, false)).toSorted()).toEqual([
      'host',
      'name',
      'port',
      'ratePerMinute',
    ]);
    const whole = {
      ...newDraft(mqtt),
      name: 'Broker',
      values: { host: 'b', port: '', is_tls: true, password: '' },
    };
    expect(draftProblems(whole, mqtt, false)).toEqual({});
  });

  it('needs no secret again that is stored', () => {
    const slack = {
      type: 'slack',
      fields: [{ ...webhook.fields[0], name: 'webhook_url', isSecret: true }],
    } as unknown as ChannelType;
    const draft = { ...newDraft(slack), name: 'Chat' };
    expect(draftProblems(draft, slack, true)).toEqual({});
    expect(Object.keys(draftProblems(draft, slack, false))).toEqual(['webhook_url']);
  });

  it('finds the field that a refusal is about', () => {
    expect(fieldOf(['config', 'url'])).toBe('url');
    expect(fieldOf(['name'])).toBe('name');
    expect(fieldOf([])).toBe('');
  });
});
