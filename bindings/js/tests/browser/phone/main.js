import { AccessibilityInfo, AppRegistry } from 'react-native';
import '../../../../../examples/react-native/index.js';

// A browser cannot tell whether a screen reader is on; react-native-web says that one is.
const reader = new URLSearchParams(location.search).has('reader');
AccessibilityInfo.isScreenReaderEnabled = () => Promise.resolve(reader);
AppRegistry.runApplication('CariosanExample', { rootTag: document.getElementById('root') });
