/** The page to open after signing in: a path of this application only, never another site. */
export function safeTarget(target: string | undefined): string {
  return target && /^\/(?![/\\])/.test(target) && !target.startsWith('/sign-in') ? target : '/fleet';
}
