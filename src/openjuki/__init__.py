"""OpenJuki: an open resident register network (住民基本台帳ネットワーク)."""
