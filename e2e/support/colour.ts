import type { Page } from '@playwright/test';

/** Greatest difference between the channels of a grey; the greys of the theme differ by less. */
const greyWithin = 12;

/**
 * Counts the pixels of the window that carry a colour.
 *
 * The picture is read in a page of its own, because the application's own page may not load data addresses.
 */
export async function colouredPixels(page: Page): Promise<number> {
  const picture = (await page.screenshot({ animations: 'disabled' })).toString('base64');
  const reader = await page.context().newPage();
  try {
    return await reader.evaluate(
      async ([data, limit]) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0);
        const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? [];
        let count = 0;
        for (let at = 0; at < pixels.length; at += 4) {
          const channels = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
          if (Math.max(...channels) - Math.min(...channels) > Number(limit)) {
            count += 1;
          }
        }
        return count;
      },
      [picture, greyWithin] as const,
    );
  } finally {
    await reader.close();
  }
}
