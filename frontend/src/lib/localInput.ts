/** The local time as an input of the type `datetime-local` writes it. */
export function toLocalInput(milliseconds: number): string {
  const date = new Date(milliseconds);
  return new Date(milliseconds - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
