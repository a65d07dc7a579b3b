// A sign-in beside a page that could not be left: tell that page, and close this window.
if ("BroadcastChannel" in window) new BroadcastChannel("conferencing-signed-in").postMessage({ isBack: true });
window.close();
