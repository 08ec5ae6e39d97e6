import type { Client } from 'graphql-ws';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { reportLinkEvent, resetLinkState, useLinkState } from '~/gql/connectionState';
import { graphql } from '~/gql/graphql';
import { createLiveHub, LiveHubContext } from '~/gql/liveHub';
import { SocketContext } from '~/gql/SocketContext';
import { createSocket } from '~/gql/socket';
import { openStream } from '~/gql/stream';
import { useSession } from '~/lib/session';

const AlertEvents = graphql(`
  subscription AlertEvents($since: BigInt) {
    alerts(since: $since) {
      cursor
      alert {
        id
        machine {
          id
        }
      }
    }
  }
`);

const MachineStatusEvents = graphql(`
  subscription MachineStatusEvents($since: BigInt) {
    machineStatus(since: $since) {
      cursor
      machineId
    }
  }
`);

function useSessionSocket(): Client | null {
  const token = useSession()?.accessToken;
  const [socket, setSocket] = useState<Client | null>(null);
  useEffect(() => {
    if (!token) {
      return;
    }
    resetLinkState();
    const opened = createSocket();
    setSocket(opened);
    return () => {
      setSocket(null);
      void opened.dispose();
    };
  }, [token]);
  return socket;
}

function useBrowserNetwork(socket: Client | null): void {
  useEffect(() => {
    const handleOffline = (): void => {
      reportLinkEvent('networkLost');
      // The browser keeps a dead socket open for minutes: close it, so that the retries begin now.
      socket?.terminate();
    };
    window.addEventListener('offline', handleOffline);
    const timer = setInterval(() => reportLinkEvent('waited'), 1000);
    return () => {
      window.removeEventListener('offline', handleOffline);
      clearInterval(timer);
    };
  }, [socket]);
}

/** Keeps one socket per session and the two standing subscriptions every screen listens to. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const socket = useSessionSocket();
  const hub = useMemo(createLiveHub, []);
  const { resumptions } = useLinkState();
  const seenResumptions = useRef(resumptions);
  useBrowserNetwork(socket);

  useEffect(() => {
    if (resumptions > seenResumptions.current) {
      hub.publish({ kind: 'resumed' });
    }
    seenResumptions.current = resumptions;
  }, [hub, resumptions]);

  useEffect(() => {
    if (!socket) {
      return;
    }
    const since: { alerts?: number; machines?: number } = {};
    const stopAlerts = openStream(socket, {
      document: AlertEvents,
      variables: () => ({ since: since.alerts }),
      onData: ({ alerts: event }) => {
        since.alerts = event.cursor;
        hub.publish({ kind: 'alert', alertId: event.alert.id, machineId: event.alert.machine?.id ?? null });
      },
    });
    const stopMachines = openStream(socket, {
      document: MachineStatusEvents,
      variables: () => ({ since: since.machines }),
      onData: ({ machineStatus: event }) => {
        since.machines = event.cursor;
        hub.publish({ kind: 'machine', machineId: event.machineId });
      },
    });
    return () => {
      stopAlerts();
      stopMachines();
    };
  }, [socket, hub]);

  return (
    <SocketContext value={socket}>
      <LiveHubContext value={hub}>{children}</LiveHubContext>
    </SocketContext>
  );
}
