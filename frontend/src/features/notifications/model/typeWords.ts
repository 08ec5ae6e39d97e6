/** What people call a type of channel, and what the fields of its settings mean. */
export interface TypeWords {
  name: string;
  hint: string;
}

const known: Record<string, TypeWords> = {
  email: {
    name: 'E-mail',
    hint: 'One address. Without a mail server of your own, this installation’s is used.',
  },
  slack: { name: 'Slack', hint: 'An incoming webhook of a Slack channel.' },
  teams: { name: 'Microsoft Teams', hint: 'The URL of a workflow “When a webhook request is received”.' },
  webhook: { name: 'Webhook', hint: 'A signed POST with a JSON body; the signing secret is shown once.' },
  sms: { name: 'SMS (Twilio-compatible)', hint: 'Text messages to one number.' },
  sms_gateway: { name: 'SMS (HTTP gateway)', hint: 'Any gateway: {to}, {text} and {secret} are filled in.' },
  pagerduty: { name: 'PagerDuty', hint: 'Events API v2; acknowledging and clearing follow the alert.' },
  opsgenie: { name: 'Opsgenie', hint: 'Alerts that are closed when they clear here.' },
  telegram: { name: 'Telegram', hint: 'A bot that writes to one chat.' },
  mqtt: {
    name: 'MQTT',
    hint: 'Published with QoS 1; the topic may hold {event}, {severity} and {machine_name}.',
  },
  apprise: { name: 'Apprise', hint: 'Any service that the Apprise library speaks, by its URL.' },
};

/** Browsers subscribe by themselves; nobody enters their keys. */
const unlisted = new Set(['web_push']);

export function typeWords(type: string): TypeWords {
  return known[type] ?? { name: type, hint: '' };
}

/** Types that people choose from, in the order of the server. */
export function offeredTypes<Item extends { type: string }>(types: readonly Item[]): Item[] {
  return types.filter(({ type }) => !unlisted.has(type));
}

const fieldWords: Record<string, string> = {
  account_sid: 'Account SID',
  api_key: 'API key',
  auth_token: 'Auth token',
  base_url: 'Address of the service',
  body_format: 'Format of the body',
  bot_token: 'Bot token',
  ca_certificate: 'Certificate of the authority (PEM)',
  chat_id: 'Chat id',
  email: 'E-mail address',
  from_address: 'Sender address',
  from_number: 'From number or name',
  headers: 'Headers',
  is_retained: 'The broker keeps the last message',
  is_tls: 'Use TLS',
  max_segments: 'Most messages per text',
  routing_key: 'Integration key',
  smtp_host: 'Mail server',
  smtp_password: 'Password of the mail server',
  smtp_port: 'Port of the mail server',
  smtp_security: 'Security of the mail server',
  smtp_username: 'User of the mail server',
  success_text: 'Words of a successful answer',
  to: 'Phone number',
  url: 'URL',
  webhook_url: 'Webhook URL',
};

/** `chat_id` as `Chat id`; names that say too little have words of their own. */
export function fieldLabel(name: string): string {
  const words = name.replaceAll('_', ' ');
  return fieldWords[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

const placeholders: Record<string, string> = {
  email: 'shift@plant.example',
  to: '+4930123456',
  from_number: '+4930654321',
  from_address: 'alerts@plant.example',
  smtp_host: 'mail.plant.example',
  webhook_url: 'https://…',
};

export function fieldPlaceholder(name: string): string | undefined {
  return placeholders[name];
}
