// @ts-check
/**
 * The scanned code, put away before anything on the page can be tapped. No module: those run when all of them
 * have come, and on bad Wi-Fi somebody may have sent the plain form by then, whose answer has another address.
 */
{
  const path = document.currentScript?.dataset.path;
  try {
    const token = decodeURIComponent(location.hash.slice(1));
    if (path && token) sessionStorage.setItem(`hemicycle:code:${path}`, token); // as CodeInTab has it
  } catch {
    // No fragment that can be read, or a browser that keeps nothing: the code can be typed.
  }
}
