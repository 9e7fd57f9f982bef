"""Run folders, and the plots and pages made of them."""
