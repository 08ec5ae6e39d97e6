import { createContext, useContext } from 'react';

export type Role = 'ADMIN' | 'OPERATOR' | 'VIEWER';

export interface CurrentViewer {
  userId: string;
  fullName: string;
  email: string;
  role: Role;
  tenantName: string;
}

export const ViewerContext = createContext<CurrentViewer | null>(null);

/** The signed-in person; null until the server has answered. */
export function useViewer(): CurrentViewer | null {
  return useContext(ViewerContext);
}

/** Creating and changing work orders is for operators and administrators. The server checks it again. */
export function canManageWorkOrders(viewer: CurrentViewer | null): boolean {
  return viewer !== null && viewer.role !== 'VIEWER';
}

/** Adding and changing machines is for operators and administrators. The server checks it again. */
export function canManageMachines(viewer: CurrentViewer | null): boolean {
  return viewer !== null && viewer.role !== 'VIEWER';
}

/** Settings and keys are for administrators. The server checks it again. */
export function canAdminister(viewer: CurrentViewer | null): boolean {
  return viewer?.role === 'ADMIN';
}
