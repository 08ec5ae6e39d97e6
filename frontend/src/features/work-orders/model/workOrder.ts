import * as v from 'valibot';
import { textParam, wordList } from '~/lib/searchParams';

export const workOrderStatuses = ['OPEN', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED'] as const;
export type WorkOrderStatus = (typeof workOrderStatuses)[number];

export const workOrderStatusWords: Record<WorkOrderStatus, string> = {
  OPEN: 'Open',
  IN_PROGRESS: 'In progress',
  COMPLETED: 'Completed',
  CANCELLED: 'Cancelled',
};

export const priorities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Priority = (typeof priorities)[number];

/** What a person may do next with a work order, as a command and the status it leads to. */
export const nextSteps: Record<WorkOrderStatus, readonly { to: WorkOrderStatus; command: string }[]> = {
  OPEN: [
    { to: 'IN_PROGRESS', command: 'Start work' },
    { to: 'CANCELLED', command: 'Cancel work order' },
  ],
  IN_PROGRESS: [
    { to: 'COMPLETED', command: 'Complete' },
    { to: 'CANCELLED', command: 'Cancel work order' },
  ],
  COMPLETED: [],
  CANCELLED: [],
};

export const workOrdersSearch = v.object({
  status: wordList(workOrderStatuses),
  machine: textParam,
  /** The work order that is open beside the list. */
  order: textParam,
});

export type WorkOrdersSearch = v.InferOutput<typeof workOrdersSearch>;
