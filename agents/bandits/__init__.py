"""Linear bandits over candidates: LinUCB and Thompson sampling."""
