const format = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** "Mon, 2 Mar, 08:00" by the browser's clock. */
export function momentText(time: string | number | Date): string {
  return format.format(new Date(time));
}
