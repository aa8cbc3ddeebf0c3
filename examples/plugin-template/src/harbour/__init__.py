"""Token vectors that are sums over a window."""
