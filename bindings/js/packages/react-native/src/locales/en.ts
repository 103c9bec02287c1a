export { en } from '@cariosan/react/locales/en';
