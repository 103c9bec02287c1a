export { id } from '@cariosan/react/locales/id';
