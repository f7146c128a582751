"""The course as a web site, built and driven: python3 start.py test --site"""
