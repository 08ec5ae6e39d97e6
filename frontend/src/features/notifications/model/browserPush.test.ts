import { describe, expect, it } from 'vitest';
import { browserName, keyBytes, pushSupport } from './browserPush';

describe('a browser', () => {
  it('is called by its own name and its system', () => {
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36';
    expect(browserName(chrome)).toBe('Chrome on Linux');
    expect(browserName(`${chrome} Edg/130.0`)).toBe('Edge on Linux');
    expect(browserName('Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0')).toBe(
      'Firefox on Android',
    );
    expect(browserName('curl/8')).toBe('Browser');
  });

  it('without workers or push cannot show notifications', () => {
    expect(pushSupport()).toBe('unsupported');
  });

  it('gets the bytes of the key', () => {
    expect([...keyBytes('-_8A')]).toEqual([251, 255, 0]);
    expect([...keyBytes('AQ')]).toEqual([1]);
  });
});
