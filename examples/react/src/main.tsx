import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@cariosan/react/styles.css';
import './shop.css';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<StrictMode><App /></StrictMode>);
