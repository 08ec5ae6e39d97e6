import '@mantine/core/styles.css';
import './theme/base.css';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Providers } from './app/Providers';
import { createAppRouter } from './app/router';
import { onSessionChange } from './lib/session';

const router = createAppRouter();

// A session that ends takes every guarded page to the sign-in, which keeps the address.
onSessionChange(() => void router.invalidate());

const root = document.getElementById('root');
if (!root) {
  throw new Error('index.html has no element with the id "root"');
}

createRoot(root).render(
  <StrictMode>
    <Providers>
      <RouterProvider router={router} />
    </Providers>
  </StrictMode>,
);
