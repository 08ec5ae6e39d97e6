import type { Channel } from './channelFragment';

export type Language = Channel['language'];

export const languageWords: Record<Language, string> = {
  EN: 'English',
  DE: 'Deutsch',
  FR: 'Français',
  ES: 'Español',
};
