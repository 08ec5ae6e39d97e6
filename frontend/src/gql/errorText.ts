import type { CombinedError } from '@urql/core';

/** What went wrong with a request, for a person: what happened and what to do. */
export interface RequestProblem {
  title: string;
  advice: string;
  reference?: string;
}

function describeStatus(status: number): RequestProblem {
  if (status === 429) {
    return { title: 'Too many requests.', advice: 'Wait a moment, then try again.' };
  }
  if (status >= 500) {
    return {
      title: 'The server could not answer.',
      advice: 'Try again. If it lasts, tell the person who runs Plantwright.',
    };
  }
  return { title: 'The server refused the request.', advice: 'Reload the page and try again.' };
}

/** Turns a transport or top-level GraphQL error into words. */
export function describeRequestError(error: CombinedError): RequestProblem {
  const status: unknown = error.response?.status;
  if (typeof status === 'number' && status >= 400) {
    return describeStatus(status);
  }
  if (error.networkError) {
    return {
      title: 'The server cannot be reached.',
      advice: 'Check the network connection, then try again.',
    };
  }
  const first = error.graphQLErrors[0];
  const reference = first?.extensions.correlationId;
  return {
    title: first?.message ?? 'The request failed.',
    advice: 'Try again. If it lasts, tell the person who runs Plantwright.',
    reference: typeof reference === 'string' ? reference : undefined,
  };
}
